"""The live service, measured."""
