"""What pages say that another page can contradict: amounts, dates, duties and permissions, with their scope."""
