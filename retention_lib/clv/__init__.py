"""Notebook 04: what is each customer worth?"""
