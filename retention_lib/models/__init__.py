"""Models of purchases and of spend, fitted on weighted counts."""
