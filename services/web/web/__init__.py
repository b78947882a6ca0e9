"""How the services answer HTTP: one way to make an application, one guard in front of each, one server."""
