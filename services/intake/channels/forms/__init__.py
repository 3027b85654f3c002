"""The web form and the record of a visit on site."""
