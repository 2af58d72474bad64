// Command drittland says where privacy policies let EU personal data go.
package main

func main() {}
