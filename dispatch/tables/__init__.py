"""Tables from strangers: sheets, cells in every local spelling, workbooks, and the reasons why a row is refused."""
