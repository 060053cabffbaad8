"""Example values of a JSON Schema, found by trying plain candidates and keeping what validates."""
