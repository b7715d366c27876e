"""The fictional city 云川市: a seeded, pure world of plain data for demonstrations, trials and drills.

Nothing here is real. The city lies in an empty stretch of sand, its division codes begin with the unassigned
prefix 99, and places, banks and depots are invented; only the names of nationwide courier firms and meal platforms
are borrowed so that examples read naturally. Nothing here touches the database: a loader brings this world in
through the product's own rules.
"""
