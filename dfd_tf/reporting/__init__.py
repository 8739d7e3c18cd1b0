"""What audits, explanations and evaluations share: style, pages, tables, words."""
