"""Models of buying and of spend, fitted on weighted counts."""
