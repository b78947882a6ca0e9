// The receipt's page: it follows the report as it goes, and takes what the one who reported says.

import { copyLink } from "./copy.js";
import { follow } from "./following.js";
import { sayWhatIsSent } from "./saying.js";

const page = JSON.parse(document.getElementById("page")?.textContent ?? "{}");

copyLink();
sayWhatIsSent(page);
follow();
