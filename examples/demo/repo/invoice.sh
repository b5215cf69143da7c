# Adds up an order. Amounts are whole cents.

# subtotal QUANTITY PRICE: what the pieces cost together.
subtotal() {
  echo $(($1 * $2))
}

# discount AMOUNT PERCENT: the amount after the discount, rounded half up to a cent.
discount() {
  echo $(($1 * (100 - $2) / 100))
}

# total QUANTITY PRICE PERCENT: what is to be paid.
total() {
  discount "$(subtotal "$1" "$2")" "$3"
}
