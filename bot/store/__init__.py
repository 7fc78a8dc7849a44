"""Stores: one protocol of atomic steps, and its implementations."""
