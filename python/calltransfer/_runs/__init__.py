"""Durable bulk transfers."""
