"""From a file, a camera or a stream to upright frames with their times: the door for videos."""
