"""Tax data from files, and the engines that compute tax from it.

Parameters and rules are YAML, rates and boundaries of Streamlined states are the files that those states publish,
counties come from the HUD crosswalk. Everything is checked when it is loaded, hashed, and handed to `rating.tax` as
values.
"""
