"""What no other part needs: library/distributions is `plugrad.distributions`, and so is the rest.

The folder is on the path of the package plugrad, which its __init__.py extends: each module here
has one name, without the folder's.
"""
