"""The routes of duty: rosters, and alarms to acknowledge."""
