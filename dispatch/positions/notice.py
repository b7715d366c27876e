"""The words with which riders are asked for precise positions. Pure.

Whoever changes a word raises VERSION: an agreement holds for the words it was given to, and riders are asked again.
"""

from typing import Final

VERSION: Final = 1

TEXT_ZH: Final = """\
这次行动想请您另外同意一件事：确认发放的那一刻，手机把当时的精确位置一起发出。

同意与否完全由您决定。不同意照常参加，只用片区或地图格，没有任何不利影响；也不会再为这次行动问您。

只在您点“发出”的那一刻记一个点，不记路线，平时不取位置。每个位置保存上面写明的天数，到期自动删除；市反诈中心关闭这个开关时立即全部删除。

市反诈中心的人员只能按片区看到至少五个点，只有日期，没有您的姓名、网点和具体时间。您的网点和企业看不到。查看一次，留痕一次。

您可以随时在“更多—精确位置”里撤回；一撤回，您的位置立即全部删除，发放份数不受影响。
"""

TEXT_EN: Final = """\
This campaign asks you for one thing more: that the phone sends its exact position along at the moment you confirm a \
hand-out.

Whether you agree is entirely up to you. If you do not, you take part as before with the zone or the map cell, there \
is no disadvantage of any kind, and you are not asked again in this campaign.

One point is noted when you tap, never your way, and no position is taken at other times. Each position is kept for \
the days named above and then erased by itself; when the anti-fraud centre turns this off, all are erased at once.

People of the city's anti-fraud centre see at least five points of a zone at a time, with the day alone: no name, no \
outlet, no time. Your outlet and your firm see nothing. Every look leaves a trace.

You can withdraw at any time under More – Exact position. All your positions are then erased at once; the copies you \
handed out stay as they are.
"""
