"""ci-diagnose: says why CI failed, on your own machine."""
