"""The files of a release: wheel, sdist, SBOM and digests; `python -m releasing [FOLDER]`, or `make release-files`.

Two builds of one commit give the same bytes: every time in them is the commit's. Nothing of this is in the wheel, and
nothing here is published: `.github/workflows/release.yml` does that with what stands in the folder then.
"""
