"""What a sentence says that another page can contradict: amounts, dates, duties, permissions, with their scope."""
