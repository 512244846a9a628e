// Prints who the AWS SDK for Go is by its own default chain of credentials: one JSON object with Account and Arn on
// stdout, or the SDK's error on stderr and exit code 1. Terraform and kubectl plug-ins find credentials the same way.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	if err := printCallerIdentity(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func printCallerIdentity(ctx context.Context) error {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	identity, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]*string{"Account": identity.Account, "Arn": identity.Arn})
}
