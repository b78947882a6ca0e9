from intake.app import main

main()
