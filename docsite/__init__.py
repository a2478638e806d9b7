"""The documentation as a website: pages of docs/, pages made of the code, and pictures of what whsync shows.

`python -m docsite [FOLDER]`, or `make docs`, builds it into build/site. Nothing of it is in the wheel, and nothing of
the generated pages is committed. Which page stands where is told in `docsite.contents`; what makes a page of the code
is a module of its own, which returns Markdown.
"""
