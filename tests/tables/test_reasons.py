"""The reason of a refusal as its sender reads it: the column, the fact, the earlier row as Excel counts it, never a cell."""

import pytest

from dispatch.tables.reasons import in_chinese


@pytest.mark.parametrize(
    ("field", "reason", "detail", "sentence"),
    [
        ("households", "not-a-number", "households (户数): is not a whole number", "户数：不是有效的数字"),
        # A table's own header comes before the general name of the field.
        ("code", "missing-value", "code (网点代码): is needed", "网点代码：不能为空"),
        ("zone_code", "unknown-zone", "no zone of the city has this code", "片区代码：本市没有这个片区代码"),
        (None, "no-rows", "the table has no rows", "表中没有数据"),
        (None, "a-new-reason", "words of a new reason", "words of a new reason"),
        ("unheard_of", "negative", "must not be negative", "不能是负数"),
        # The row that Excel shows counts the header too.
        ("code", "duplicate-code", "row 1 has this code already", "代码：代码与前面重复（见 Excel 第 2 行）"),
        ("code", "duplicate-code", "feature 7 has this code already", "代码：代码与第 7 个要素重复"),
        ("households", "out-of-range", "households (户数): is more than 500", "户数：不能大于 500"),
        ("name", "too-long", "name (名称): more than 120 characters", "名称：不能超过 120 个字"),
        ("kind", "unknown-choice", "kind (类型): must be one of 快递, 外卖", "类型：可选：快递, 外卖"),
        ("geometry", "invalid-geometry", "geometry, self-intersection: at 1 2", "边界：边界自相交"),
        ("geometry", "invalid-geometry", "geometry, swapped: x", "边界：经纬度写反了，经度在前"),
        ("geometry", "invalid-geometry", "geometry, zero-area: x", "边界：边界没有面积"),
        ("geometry", "overlap", "overlaps zone 99 by 1,200 m²", "边界：与片区 99 重叠 1,200 平方米"),
        (
            "datum",
            "datum-contradicted",
            "the file says its datum is wgs84, the import says gcj02",
            "坐标系：文件自带坐标系 WGS-84，导入时选的是 GCJ-02",
        ),
        (
            "datum",
            "wrong-datum-suspected",
            "read as gcj02, 12.3% of the area lies outside the city's zones; read as wgs84, 0.1%",
            "坐标系：按 GCJ-02 有 12.3% 的面积落在本市片区之外，按 WGS-84 只有 0.1%；坐标系可能选错，请在地图上核对",
        ),
    ],
)
def test_a_reason_names_column_fact_and_earlier_row(field: str | None, reason: str, detail: str, sentence: str) -> None:
    assert in_chinese(field, reason, detail) == sentence
