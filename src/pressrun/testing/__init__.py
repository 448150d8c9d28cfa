"""Test doubles for programs built on Pressrun: a pipeline of quick stages that follow directions in the title."""
