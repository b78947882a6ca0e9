"""`dcat.jsonld`: the dataset for catalogues of open data, in DCAT-AP 3, which Europe's portals harvest."""

from typing import Any

from operations.dataset.metadata import about
from operations.dataset.metadata.about import DataFile, Dataset

_EU = "http://publications.europa.eu/resource/authority"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FORMATS = {about.CSV: "CSV", about.PARQUET: "PARQUET"}
_DESCRIPTIONS = {
    "pl": "Zgłoszenia widoczne na mapie na koniec miesiąca oraz liczba zgłoszeń wysłanych w miesiącu, także tych,"
    " których mapa nie pokazuje. To nie jest kanał alarmowy: w niebezpieczeństwie dzwoń pod 112.",
    "en": "The reports on the map when the month ended, and how many were sent in the month, also of those that the map"
    f" does not show. {about.NOT_FOR_EMERGENCIES}",
}


def dcat(dataset: Dataset) -> dict[str, Any]:
    """The document: a Dataset in its series, with a Distribution a file."""
    month = dataset.month
    return {
        "@context": _CONTEXT,
        "@id": dataset.url,
        "@type": "dcat:Dataset",
        "dct:title": _in_words({"pl": dataset.title_pl, "en": dataset.title}),
        "dct:description": _in_words(_DESCRIPTIONS),
        "dct:identifier": dataset.url,
        "dcat:version": str(month),
        "dct:publisher": _publisher(),
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": about.PUBLISHER,
            "vcard:hasURL": {"@id": about.PUBLISHER_PAGE},
        },
        "dct:issued": _typed("date", f"{month.settled:%Y-%m-%d}"),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _typed("dateTime", f"{month.begins:%Y-%m-%dT%H:%M:%SZ}"),
            "dcat:endDate": _typed("dateTime", f"{month.ends:%Y-%m-%dT%H:%M:%SZ}"),
        },
        "dct:spatial": {"@id": f"{_EU}/country/POL", "@type": "dct:Location"},
        "dct:language": [{"@id": f"{_EU}/language/{code}", "@type": "dct:LinguisticSystem"} for code in ("POL", "ENG")],
        "dcat:theme": [_concept("data-theme/JUST"), _concept("data-theme/GOVE")],
        "dcat:keyword": _in_words({"pl": "bezpieczeństwo", "en": "public safety"}),
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC", "@type": "dct:RightsStatement"},
        "foaf:page": {"@id": f"{dataset.url}/{about.CODEBOOK}", "@type": "foaf:Document"},
        "dcat:inSeries": {
            "@id": dataset.url.removesuffix(f"/{month}"),
            "@type": "dcat:DatasetSeries",
            "dct:title": _in_words({"pl": dataset.title_pl.rpartition(",")[0], "en": dataset.title.rpartition(",")[0]}),
            "dct:description": _in_words(_DESCRIPTIONS),
            "dct:publisher": _publisher(),
            "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/MONTHLY", "@type": "dct:Frequency"},
        },
        "dcat:distribution": [_distribution(dataset, file) for file in dataset.files],
    }


def _distribution(dataset: Dataset, file: DataFile) -> dict[str, Any]:
    address = f"{dataset.url}/{file.name}"
    return {
        "@id": f"{address}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _in_words({"en": file.table.title}),
        "dct:description": _in_words({"en": file.table.means}),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dct:format": {"@id": f"{_EU}/file-type/{_FORMATS[file.media_type]}", "@type": "dct:MediaTypeOrExtent"},
        "dcat:mediaType": {
            "@id": f"http://www.iana.org/assignments/media-types/{file.media_type}",
            "@type": "dct:MediaType",
        },
        "dct:license": {"@id": f"{_EU}/licence/CC_BY_4_0", "@type": "dct:LicenseDocument"},
        "dcatap:availability": _concept("planned-availability/STABLE"),
        "dcat:byteSize": _typed("nonNegativeInteger", str(file.size)),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": _typed("hexBinary", file.sha256),
        },
    }


def _publisher() -> dict[str, Any]:
    return {"@id": about.PUBLISHER_PAGE, "@type": "foaf:Agent", "foaf:name": about.PUBLISHER}


def _concept(path: str) -> dict[str, str]:
    return {"@id": f"{_EU}/{path}"}


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


def _in_words(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in words.items()]
