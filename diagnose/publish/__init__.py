"""What is put where people look: the comment on a pull request, the summary and outputs of a step."""
