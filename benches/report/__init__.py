"""What `benches/run` is made of: one module for each section, and the page."""
