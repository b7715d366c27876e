"""Copies and who holds them: an append-only ledger and the balances kept with it.

One word for each thing, in code, SQL and JSON:

place       a depot, outlet or rider that a request names by its code (库, 网点, 骑手).
holder      where copies are: at a place, in transit to an outlet, or at a far end of the ledger: the printer, an
            activity, written off, variance.
holding     one holder's copies of one material of a campaign. Its balance is a row of stock_balance.
move        one entry of the ledger (台账), a row of stock_move: copies from one holder to another. Never changed.
receipt     the move of a delivery (入库): printer to depot.
issue       the move that takes copies of a claim out of the depot (领用): depot to transit.
acceptance  the move of what arrived (签收): transit to outlet.
hand-over   an issue and its acceptance together: how copies leave the depot.
waybill     the paper of a hand-over (交接单), with a code of its own: what was issued, and what arrived.
transfer    a move between outlets, between riders, from outlet to rider, or between depots (调拨).
return      a move back: rider to outlet, outlet to depot (退回).
count       what somebody counted at a place (盘点); its difference to the balance becomes a move, a variance (差异).
reversal    the move that undoes another, the other way round (冲正). A move is reversed at most once.
bundle      the sealed pack of copies with its own code (捆). Once opened it stays where it is, its copies loose.
carton      a box of bundles, whose code names all of them (箱).
"""
