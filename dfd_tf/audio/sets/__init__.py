"""Sets of real and fake speech, each layout a record, as tables of labels, speakers and splits."""
