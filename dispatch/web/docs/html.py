"""HTML put together from parts, each escaped unless it is HTML already."""

import re
from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: str | bool | None) -> Html:
    """An element. Children that are no Html are escaped; an attribute that is None or False is left out. A name that
    Python keeps to itself takes an underscore at its end (`class_`), one with a hyphen an underscore inside."""
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value), quote=True)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inner = joined(*children)
    return Html(f"<{name}{given}>" if name in {"link", "meta", "br"} else f"<{name}{given}>{inner}</{name}>")


def joined(*children: str | None) -> Html:
    """The parts one after the other."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children if child))


def words(text: str) -> Html:
    """A line of the contract's own words: `code` and **strong**."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return Html(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked))


def prose(text: str) -> Html:
    """Paragraphs, lists and headings as the contract and the list of changes write them."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=- )", text) if block.strip()]
    found: list[Html] = []
    items: list[Html] = []
    for block in [*blocks, ""]:
        if block.startswith("- "):
            items.append(element("li", words(" ".join(block[2:].split()))))
            continue
        if items:
            found.append(element("ul", *items))
            items = []
        heading = re.match(r"(#+) (.*)", block)
        if heading:
            found.append(element(f"h{min(len(heading[1]) + 1, 6)}", words(heading[2])))
            block = block[heading.end() :].strip()
        if block:
            found.append(element("p", words(" ".join(block.split()))))
    return joined(*found)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Html:
    """A table that scrolls by itself where the page is narrow, reachable by keyboard."""
    headings = element("tr", *(element("th", text, scope="col") for text in head))
    lines = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element(
        "div", element("table", element("thead", headings), element("tbody", *lines)), class_="wide", tabindex="0",
        role="region", aria_label=", ".join(head),
    )  # fmt: skip
