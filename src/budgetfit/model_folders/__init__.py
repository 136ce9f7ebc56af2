"""Profiles of models from the files in their folders."""

from budgetfit.model_folders.folders import find_profile, is_model_folder, read_model_folder

__all__ = ["find_profile", "is_model_folder", "read_model_folder"]
