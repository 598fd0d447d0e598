"""Human evaluation of samples: studies that people take part in on a page, and their results."""
