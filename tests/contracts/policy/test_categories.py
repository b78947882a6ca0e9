"""The words of the categories: each in every language, told apart, and explained in a line that leads somewhere."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from contracts.policy.categories import Category, catalogues
from contracts.statuses import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
QUOTED = re.compile("[„«](.*?)[”“»]")


def all_categories() -> Iterator[Category]:
    return (category for catalogue in catalogues() for category in catalogue.category)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_categories_are_called_or_explained_the_same(language: Language) -> None:
    categories = {category.code: category for category in all_categories()}.values()
    lines = [
        (
            words.names.read(language),
            words.explanation.belongs.read(language),
            words.explanation.elsewhere.read(language),
        )
        for words in categories
    ]
    for column in zip(*lines, strict=True):
        assert len(set(column)) == len(categories)
        assert all(len(line) <= 140 for line in column)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_category_that_an_explanation_leads_to_is_called_by_its_name(language: Language) -> None:
    names = {category.name(language) for category in all_categories()}
    for category in all_categories():
        assert set(QUOTED.findall(category.explanation.elsewhere.read(language))) <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_chooses_is_told_of_112_wherever_there_may_be_danger(language: Language) -> None:
    silent = [category for category in all_categories() if "112" not in category.explanation.elsewhere.read(language)]
    assert {category.code for category in silent} == {"greenery", "parking", "poaching"}
