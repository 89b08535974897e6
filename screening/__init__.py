"""Patient suitability screening: treatment pages as questionnaires, requests for people to read."""

__version__ = "0.1.0"
