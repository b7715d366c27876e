"""What the pages say around the contract's own words, which are English."""

from typing import Final, Literal, NamedTuple

Language = Literal["zh", "en"]


class Words(NamedTuple):
    """One language's."""

    title: str
    overview: str
    document: str
    guide: str
    other_language: str
    sections: str
    problems: str
    problems_about: str
    changes: str
    who: str
    everybody: str
    whole_city: str
    key_scope: str
    address: str
    parameters: str
    where: str
    name: str
    type: str
    meaning: str
    required: str
    body: str
    example: str
    answers: str
    refusals: str
    of_records: str
    status: str
    problem: str
    given_by: str
    any_request: str
    structs: str
    deprecated: str
    since: str
    until: str
    instead: str
    or_null: str
    list_of: str
    one_of: str
    default: str
    skip: str


ENGLISH: Final = Words(
    title="Dispatch API",
    overview="Overview",
    document="The document for programs (OpenAPI 3.1, JSON)",
    guide="Integration guide: from key to correction with curl",
    other_language="中文",
    sections="Sections",
    problems="Problems",
    problems_about="Every kind of refusal. Programs branch on the type, which never changes its meaning.",
    changes="Changes",
    who="Who",
    everybody="anybody, before signing in",
    whole_city="of the whole city, not of a single district",
    key_scope="Scope of a key",
    address="Address",
    parameters="Parameters",
    where="In",
    name="Name",
    type="Type",
    meaning="Meaning",
    required="required",
    body="Body",
    example="Example",
    answers="Answers",
    refusals="Refusals",
    of_records="Refusals of single records, inside an answer of status 200",
    status="Status",
    problem="Problem",
    given_by="Given by",
    any_request="any request",
    structs="Data",
    deprecated="Deprecated",
    since="since",
    until="answered until",
    instead="use instead",
    or_null="or null",
    list_of="list of",
    one_of="one of",
    default="default",
    skip="Skip to the content",
)

CHINESE: Final = Words(
    title="Dispatch 接口说明",
    overview="概览",
    document="供程序使用的接口文档（OpenAPI 3.1，JSON）",
    guide="对接指南：用 curl 从密钥走到更正",
    other_language="English",
    sections="章节",
    problems="拒绝原因",
    problems_about="全部拒绝原因。程序按 type 判断，其含义不会改变。",
    changes="变更记录",
    who="可用角色",
    everybody="任何人，无需登录",
    whole_city="仅限全市民警，不含区县民警",
    key_scope="密钥用途",
    address="地址",
    parameters="参数",
    where="位置",
    name="名称",
    type="类型",
    meaning="含义",
    required="必填",
    body="请求体",
    example="示例",
    answers="应答",
    refusals="可能的拒绝",
    of_records="单条记录的拒绝原因（应答状态为 200）",
    status="状态",
    problem="原因",
    given_by="出现在",
    any_request="任何请求",
    structs="数据结构",
    deprecated="已弃用",
    since="自",
    until="停用于",
    instead="请改用",
    or_null="或 null",
    list_of="列表：",
    one_of="其一：",
    default="默认",
    skip="跳到正文",
)

WORDS: Final[dict[Language, Words]] = {"zh": CHINESE, "en": ENGLISH}

SECTIONS: Final[dict[str, str]] = {
    "identity": "登录与账号",
    "zones": "片区",
    "partners": "合作单位",
    "campaigns": "专项行动",
    "materials": "宣传资料",
    "allocation": "分配计划",
    "batches": "批次与认领",
    "stock": "台账",
    "bundles": "箱与捆",
    "handouts": "发放确认",
    "flags": "复核问题",
    "checks": "抽查",
    "coverage": "覆盖情况",
    "audit": "审计记录",
    "privacy": "隐私告知",
    "problems": "拒绝原因",
    "templates": "导入模板",
    "base_map": "底图",
    "checklist": "筹备清单",
    "start": "起始页",
}
"""The sections' names in Chinese; the contract's own tag where one is missing."""
