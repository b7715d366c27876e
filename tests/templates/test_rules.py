"""A template holds the columns the import reads, a sample row the import takes, and words on how to fill it in."""

from typing import get_args

import pytest

from dispatch.partners.rules import KINDS
from dispatch.tables.sheets import read_table
from dispatch.tables.workbooks import write_template
from dispatch.templates.rules import NOTES, PARTNER_KINDS, TEMPLATES, TemplateName, sheet_columns
from dispatch.zones.features import PRIORITY_GROUPS

NAMES: tuple[TemplateName, ...] = get_args(TemplateName)


def test_there_is_a_template_for_every_table() -> None:
    assert tuple(TEMPLATES) == NAMES
    assert len({template.title for template in TEMPLATES.values()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_import_reads_the_columns_and_the_sample_of_its_template(name: TemplateName) -> None:
    template = TEMPLATES[name]
    document = write_template(template.title, sheet_columns(template), template.sample, NOTES)
    table = read_table(document, template.columns)
    assert table.errors == []
    (row,) = table.rows
    assert list(row.values) == [column.name for column in template.columns]
    assert all(value is not None for value in row.values.values()), "the sample fills every column"


@pytest.mark.parametrize("name", NAMES)
def test_every_column_says_whether_it_is_needed_and_offers_its_words_or_explains_itself(name: TemplateName) -> None:
    template = TEMPLATES[name]
    for column, shown in zip(template.columns, sheet_columns(template), strict=True):
        assert (shown.header, shown.required) == (column.header, column.required)
        if column.name in template.choices:
            assert (shown.choices, shown.hint) == (template.choices[column.name], "")
        else:
            assert shown.choices == ()
            assert shown.hint or column.name in ("name", "address"), column.name


def test_the_words_that_are_offered_are_words_the_import_knows() -> None:
    assert set(PARTNER_KINDS) <= set(KINDS)
    assert {KINDS[word] for word in PARTNER_KINDS} == set(KINDS.values()), "one for each kind of partner"
    assert len(PARTNER_KINDS) == len(set(KINDS.values()))
    assert TEMPLATES["partners"].choices == {"kind": PARTNER_KINDS}
    assert TEMPLATES["priority-groups"].choices == {"priority_group": tuple(PRIORITY_GROUPS)}
