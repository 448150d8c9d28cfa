"""Doubles for tests of programs built on Pressrun: a pipeline of quick stages that do as they are told."""
