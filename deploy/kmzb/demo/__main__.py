"""`make demo`: bring everything up, send reports, let some officers work and others sleep, and say what came of it."""

from kmzb.demo.app import app

if __name__ == "__main__":
    app()
