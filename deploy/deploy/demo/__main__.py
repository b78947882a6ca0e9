"""`make demo`: bring everything up, send reports, let some officers work and others sleep, and say what came of it."""

from deploy.demo.app import app

if __name__ == "__main__":
    app()
