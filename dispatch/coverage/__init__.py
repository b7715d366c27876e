"""Coverage: how many households the copies handed out have really reached."""
