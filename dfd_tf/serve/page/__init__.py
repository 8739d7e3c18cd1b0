"""The page: its files, what it knows of the detector, and the engine that judges on the device."""
