"""The pages as a person sees them, in Chromium, over a site that serves the demo campaign."""
