"""What has changed: today against an earlier run, and two runs side by side."""
