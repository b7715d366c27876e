"""Materials: what is printed for a campaign, and in which runs."""
