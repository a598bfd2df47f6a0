"""Retention analysis for customers who buy irregularly."""
