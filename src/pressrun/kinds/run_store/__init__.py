"""Run folders of jobs on several machines: on a shared disk, or in a bucket."""
