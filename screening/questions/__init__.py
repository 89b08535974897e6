"""The questions as pages, whichever door asks them; imported by `patient` and `staff`, and knows neither."""
