"""`app` for any WSGI server: `gunicorn wsgi:app`, say, behind a reverse proxy."""

from screening.app import create_app

app = create_app()
