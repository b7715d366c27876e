"""The standard notice to riders, shown in every city until a planner publishes another.

In plain words, on one screen of a phone. A change here raises STANDARD_VERSION: riders are asked again, and what they
agreed to before is not touched, because a city keeps the words it showed.
"""

from typing import Final

# 1 said that a campaign may ask for exact positions as well; since 2 no exact position leaves the phone.
STANDARD_VERSION: Final = 2

STANDARD_ZH: Final = """\
请您帮忙发放反诈宣传资料。参加完全自愿，随时可以退出，不影响您的工作和收入。

我们记录：您的姓名和代号、所在网点；您领到、发出、退回的份数，发出的时间和片区。
我们不记录：收到资料的群众是谁、住在哪里、电话和运单号；也不记录您走过的路线。

位置要另外征得您的同意。同意后，手机在本机把位置换算成一个约二百米大小的地图格，只发送格子编号；\
精确位置始终不离开手机。不同意也能参加，用片区代替。

这些记录只用来了解资料发到了哪里。不排名，不打分，不与接单、派件挂钩。

逐条记录在行动结束后默认保存 90 天，之后只留合计数。您的网点和市反诈中心能看到您领发的份数；别的企业、别的骑手看不到。

您可以随时在手机页面查看和导出自己的记录、撤回同意；要更正或删除姓名，请告诉网点或反诈中心。
"""

STANDARD_EN: Final = """\
You are asked to help hand out anti-fraud material. Taking part is voluntary; you may stop at any time, and it \
changes nothing in your work or pay.

Recorded are: your name and code and your outlet; the copies you received, handed out and returned, when, and in \
which zone. Not recorded are: who received a copy, where they live, their phone or waybill numbers; nor the way you \
rode.

Location needs a consent of its own. With it, your phone turns its position into a map cell some 200 metres across \
and sends only the cell's number; the exact position never leaves the phone. Without it you can \
take part all the same, and the zone is used.

The records serve only to know where material has arrived. Nobody is ranked or scored, and no job depends on it.

Single records are kept for 90 days after the campaign as a rule, then only totals stay. Your outlet and the city's \
anti-fraud centre see how many copies you received and handed out; other firms and other riders do not.

On the page you can look at your records, take them along and withdraw your consent at any time. To have your name \
corrected or taken out, tell your outlet or the anti-fraud centre.
"""
