"""What can be asked: photos judged, the model shown, probes and figures, the page."""
