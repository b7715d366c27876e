"""What every request passes: entrance, log, caller and guards, limits, pages of lists, answers that did not change."""
