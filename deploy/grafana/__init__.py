"""Dashboards as code: each module tells one page's story, ``python -m deploy.grafana`` writes it.

Nothing of this is imported by a service; what Grafana reads is ``dashboards/*.json``.
"""
